package io.dormouse.support.servers;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;

/** Sends back every datagram. */
public final class UdpEchoServer extends LocalServer {
  private static final int LARGEST_DATAGRAM = 65_535;

  private DatagramSocket socket;
  private Thread thread;

  @Override
  protected int open(InetSocketAddress address) throws IOException {
    DatagramSocket opened = new DatagramSocket(address);
    socket = opened;
    thread = startThread("udp-echo-" + opened.getLocalPort(), () -> echo(opened));
    return opened.getLocalPort();
  }

  @Override
  protected void die() {
    socket.close();
    awaitEnd(thread);
  }

  private void echo(DatagramSocket socket) {
    byte[] buffer = new byte[LARGEST_DATAGRAM];
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        countReceived(packet.getLength());
        socket.send(packet);
      } catch (IOException e) {
        // stop() closed it, which ends the loop; or one answer could not go out, as UDP may.
      }
    }
  }
}
