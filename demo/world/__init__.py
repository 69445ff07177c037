"""A small world that can be drawn, told about and graded: shapes on a 3 x 3 grid."""
