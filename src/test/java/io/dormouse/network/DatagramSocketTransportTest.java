package io.dormouse.network;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The system's own UDP sockets, over the loopback interface. */
class DatagramSocketTransportTest extends DatagramContractTest {

  private final LoopFrame.Real frame = new LoopFrame.Real();

  @Override
  LoopFrame frame() {
    return frame;
  }

  @Override
  InetSocketAddress serveEcho() throws IOException {
    DatagramSocket server = new DatagramSocket(new InetSocketAddress(loopback(), 0));
    frame.closeAtTheEnd(server);
    Thread thread = new Thread(() -> echo(server), "datagram-transport-test-server");
    thread.setDaemon(true);
    thread.start();
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  private static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }

  private static void echo(DatagramSocket server) {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[1_000], 1_000);
        server.receive(packet);
        server.send(packet);
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  @Override
  InetSocketAddress unreachable() throws IOException {
    try (DatagramSocket closed = new DatagramSocket(new InetSocketAddress(loopback(), 0))) {
      return (InetSocketAddress) closed.getLocalSocketAddress();
    }
  }
}
