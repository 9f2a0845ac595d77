"""What a night costs, side by side with the same SQL alone and with what one would do instead. README.md says how."""
