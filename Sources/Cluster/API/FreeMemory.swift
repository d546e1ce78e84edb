import CLinux

/// Gives memory that the heap holds free back to the system: after a list, which leaves more of it
/// than anything else. Takes some milliseconds.
package func releaseFreeMemory() {
  clinux_release_free_memory()
}

/// Lets go of the pages of code and constants that were used so far: most were for the start and
/// the first list alone. What is used again comes back from the system's cache of files, a page
/// fault for 16 pages. With `keepsProgram` only those of libraries go.
package func releaseIdleCode(keepsProgram: Bool = false) {
  clinux_release_code(keepsProgram ? 1 : 0)
}
