import CLinux

/// Gives memory that the heap holds free back to the system: after a list, which leaves more of it
/// than anything else. Takes some milliseconds.
package func releaseFreeMemory() {
  clinux_release_free_memory()
}
