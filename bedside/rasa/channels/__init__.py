"""The channels: each only carries; what may be said, stored or answered is decided at the intake."""
