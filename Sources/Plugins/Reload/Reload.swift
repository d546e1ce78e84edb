/// `reload`: the Corefile is followed, and served anew when it has changed.
///
/// It has no place in a chain: the executable does the work, since it alone knows the server and
/// the file (`RunningServer`, `CorefileWatch`). What is here reads the directive.
package enum Reload {}
