"""How each kind of thing is read and written: a file each, with its `ADAPTER`."""
