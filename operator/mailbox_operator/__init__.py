"""Connects mailboxes declared as Kubernetes resources, and keeps them connected."""

__version__ = "0.1.0"
