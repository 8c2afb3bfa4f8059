/* A library that is no plugin. */
int klbench_has_nothing_to_do_with_this(void) { return 1; }
