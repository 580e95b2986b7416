"""The reference API: a small stand-in for the Corporate Intelligence Platform's own service."""
