"""The pure part of Exitus: plain data in, plain data out; no Django, no I/O, no clock."""
