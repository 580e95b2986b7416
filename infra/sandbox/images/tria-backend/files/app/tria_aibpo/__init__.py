"""A small chatbot with the checks, stores and settings of the Tria AI-BPO backend. See the README beside the image."""
