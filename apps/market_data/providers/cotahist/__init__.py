"""COTAHIST: B3's own record of every session, as a file the user brings.

No network here, so no client and no errors of a vendor: only the file's shape.
"""
