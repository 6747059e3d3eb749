"""The custom actions: thin. Each reads the tracker, calls one service, and says one thing."""
