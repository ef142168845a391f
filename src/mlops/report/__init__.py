"""What people read: rendering only, never a decision."""
