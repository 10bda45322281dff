"""How it is run and reached: the APIs, snapshot and reload, keys, command line."""
