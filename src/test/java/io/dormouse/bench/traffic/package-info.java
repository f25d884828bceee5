/**
 * How fast does it go once it is open: round trips, streams, datagrams? Each contest has an
 * interface for what is done, a contender that measures it, and a class for each library.
 */
package io.dormouse.bench.traffic;
