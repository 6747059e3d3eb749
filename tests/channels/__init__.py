"""The running system from outside: real processes, real sockets, a real browser."""
