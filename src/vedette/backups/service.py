"""The verbs of backups; each is one transaction."""
