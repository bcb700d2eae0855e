"""Pages of the doors, a file for each subject."""
