"""Management commands of the highest app the seeds reach down from."""
