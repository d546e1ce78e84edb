/// `multisocket`: read for the sake of Corefiles that have it. Every worker has sockets of its own
/// on every address in any case, one worker a core.
package enum Multisocket {}
