package io.dormouse.example.dns;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;

/** A printer that tells the local network, or here this machine alone, that it is there. */
final class Printer implements AutoCloseable {
  static final String TYPE = "_ipp._tcp.local";

  private final String name;
  private final InetSocketAddress group;
  private final MulticastSocket socket;

  /**
   * Comes, and says so.
   *
   * @param port 0 for one that is free
   */
  Printer(String name, NetworkInterface network, int port) throws IOException {
    this.name = name;
    socket = new MulticastSocket(port); // which others may listen at, too
    group = new InetSocketAddress("224.0.0.251", socket.getLocalPort());
    socket.joinGroup(group, network);
    socket.setNetworkInterface(network);
    socket.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 0); // it does not leave this machine
    Thread thread = new Thread(this::serve, "printer");
    thread.setDaemon(true);
    thread.start();
    send(120);
  }

  String name() {
    return name;
  }

  int port() {
    return socket.getLocalPort();
  }

  private void serve() {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        socket.receive(packet);
        ByteBuffer data = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
        if (DnsMessage.parse(data).filter(message -> !message.isResponse()).isPresent()) {
          send(120);
        }
      }
    } catch (IOException e) {
      // It is closed.
    }
  }

  /** Always to the group, since a socket of this machine that listens at this port is not alone. */
  private void send(int seconds) throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    DnsMessage.putName(target, name + "." + TYPE);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    DnsMessage.putShorts(out, 0, 0x8400, 0, 1, 0, 0);
    DnsMessage.putName(out, TYPE);
    DnsMessage.putShorts(out, DnsMessage.PTR, 1, 0, seconds, target.size());
    out.writeBytes(target.toByteArray());
    socket.send(new DatagramPacket(out.toByteArray(), out.size(), group));
  }

  /** Says that it leaves. */
  @Override
  public void close() throws IOException {
    send(0);
    socket.close();
  }
}
