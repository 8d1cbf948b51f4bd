"""What runs can ask the world for: one file each. Built in `server.app`, called by `server.work.dispatcher`."""
