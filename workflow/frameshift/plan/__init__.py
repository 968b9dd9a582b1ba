"""What a run can detect and how many labels that needs, told before any coding."""
