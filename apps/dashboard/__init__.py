"""The pages that look over everything: overview, data health, bell, search."""
