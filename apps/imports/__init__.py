"""Importing files: their readers, the preview, applying a batch and taking it back."""
