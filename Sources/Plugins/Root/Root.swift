/// `root`: the folder that relative paths of a server block start from. It has no handler: plugins
/// that read files ask for it while they are set up.
package enum Root {}
