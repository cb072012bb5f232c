"""What the fields of each kind of thing mean to a plan: a file each, with its `KIND`. Pure."""
