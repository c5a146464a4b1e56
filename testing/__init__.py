"""What tests of every app share. Never imported by product code."""
