"""The staff's desk: a small web page, made on the server, that works without a mouse."""
