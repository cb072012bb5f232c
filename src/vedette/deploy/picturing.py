"""Networks, who is in them, and who reaches whom, as a picture. Pure."""
