"""What the command line is made of, beside the commands that ``__main__`` holds itself."""
