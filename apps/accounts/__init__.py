"""People, workspaces and holders."""
