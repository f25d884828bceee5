package io.dormouse.udp;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.channels.DatagramChannel;
import java.util.List;

/** What UDP needs of the operating system. {@link UdpSocket#SYSTEM} is the real one. */
interface UdpSystem {
  /**
   * Makes a socket as the options say. Never blocks.
   *
   * @throws AttemptFailedException if the system refuses a step; no socket is left then
   */
  DatagramChannel open(UdpOptions options, Resolved resolved) throws AttemptFailedException;

  /** Returns the network interfaces that there are now. May take a while. */
  List<NetworkInterface> networkInterfaces() throws SocketException;

  /** Whether an address is one of the system's own, so that sockets can have it. Never blocks. */
  boolean hasAddress(InetAddress address);
}
