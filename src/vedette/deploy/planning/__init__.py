"""How what is there becomes what should be: differences, order, cost, dangers. Pure."""
