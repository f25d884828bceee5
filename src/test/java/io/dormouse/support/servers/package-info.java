/**
 * Real servers for the demo and for tests that want a real peer: on the loopback address, in this
 * process, on daemon threads of their own. They die without a close handshake and come back on the
 * same port.
 */
package io.dormouse.support.servers;
