package io.dormouse.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * A proxy for HTTP's CONNECT and the host behind it in one: it answers with a line, and what comes
 * after that is between the client and the host.
 */
public class ProxyPeer implements Peer {
  private final Peer host;
  private final StringBuilder request = new StringBuilder();
  private boolean open;

  private ProxyPeer(Peer host) {
    this.host = host;
  }

  /**
   * Returns proxies that open the way to these hosts.
   *
   * @param hosts makes the far side of each stream
   * @return what makes one for each stream
   */
  public static Supplier<Peer> to(Supplier<? extends Peer> hosts) {
    return () -> new ProxyPeer(hosts.get());
  }

  /**
   * Returns a proxy that answers this, whatever it is asked.
   *
   * @param words the whole answer
   * @return what makes one for each stream
   */
  public static Supplier<Peer> answering(String words) {
    return () ->
        new Peer() {
          @Override
          public void received(PeerSocket socket, ByteBuffer bytes) {
            socket.send(ISO_8859_1.encode(words));
          }
        };
  }

  @Override
  public void received(PeerSocket socket, ByteBuffer bytes) {
    while (bytes.hasRemaining() && !open) {
      request.append((char) (bytes.get() & 0xFF));
      open = request.indexOf("\r\n\r\n") >= 0;
      if (open) {
        asked(request.toString());
        socket.send(ISO_8859_1.encode("HTTP/1.1 200 Connection established\r\n\r\n"));
        host.opened(socket);
      }
    }
    if (bytes.hasRemaining()) {
      host.received(socket, bytes);
    }
  }

  /**
   * It was asked for this.
   *
   * @param words what the client has sent
   */
  protected void asked(String words) {}

  @Override
  public void ended(PeerSocket socket) {
    host.ended(socket);
  }
}
