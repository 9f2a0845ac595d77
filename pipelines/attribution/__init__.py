"""Attribution: which touches get the credit for what customers did."""
