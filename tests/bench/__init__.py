"""``make bench``: figures of this machine, each beside a yardstick measured in the same run."""
