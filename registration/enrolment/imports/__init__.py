"""Reading employee lists from spreadsheets: pure, without database or web."""
