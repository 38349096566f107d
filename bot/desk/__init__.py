"""HR's desk: cases from opening to resolving, who gets them, and how they look."""
