"""The service's paths, one file a subject."""
