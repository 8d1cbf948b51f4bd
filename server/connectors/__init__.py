"""What runs can ask for: one file each. Built in `server.workplace`, called by `server.work.dispatcher`."""
