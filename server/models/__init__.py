"""Models that an office can fetch and keep: which there are, which lie here, and how they come here."""
