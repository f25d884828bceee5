package io.dormouse.example.dns;

import io.dormouse.example.dns.DnsMessage.Question;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** A name server that knows one name, is silent about another, and loses every second query. */
final class DnsServer implements AutoCloseable {
  private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  private final AtomicInteger queries = new AtomicInteger();

  DnsServer() throws IOException {
    Thread thread = new Thread(this::serve, "dns-server");
    thread.setDaemon(true);
    thread.start();
  }

  String host() {
    return socket.getLocalAddress().getHostAddress();
  }

  int port() {
    return socket.getLocalPort();
  }

  /** Returns how many queries have come for names it tells of, the lost ones included. */
  int queries() {
    return queries.get();
  }

  private void serve() {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        socket.receive(packet);
        DnsMessage query =
            DnsMessage.parse(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()))
                .orElseThrow();
        boolean silent = query.question().get(0).name().equals("silent.example");
        if (!silent && queries.incrementAndGet() % 2 == 0) {
          byte[] answer = answer(query);
          socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      }
    } catch (IOException e) {
      // It is closed.
    }
  }

  private static byte[] answer(DnsMessage query) {
    Question question = query.question().get(0);
    boolean known = question.name().equals("nest.example");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    DnsMessage.putShorts(out, query.id(), known ? 0x8180 : 0x8183, 1, known ? 1 : 0, 0, 0);
    DnsMessage.putName(out, question.name());
    DnsMessage.putShorts(out, question.type(), 1);
    if (known) {
      DnsMessage.putShorts(out, 0xc00c, DnsMessage.A, 1, 0, 60, 4); // 0xc00c: the name above
      out.writeBytes(new byte[] {(byte) 192, 0, 2, 7});
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    socket.close();
  }
}
