/// `timeouts`: how long TCP connections may take and how much they may ask. It has no handler: the
/// listeners of the server block take the values over.
package enum Timeouts {}
