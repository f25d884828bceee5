package io.dormouse.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** The JDK's TLS socket, as a server, in the shape of a channel that blocks. */
final class SecureBytes implements ByteChannel {
  private final SSLSocket socket;
  private final byte[] bytes = new byte[Bulk.BUFFER];

  SecureBytes(SSLSocketFactory factory, SocketChannel client) throws IOException {
    socket = (SSLSocket) factory.createSocket(client.socket(), null, true);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    int count = socket.getInputStream().read(bytes, 0, Math.min(bytes.length, into.remaining()));
    if (count > 0) {
      into.put(bytes, 0, count);
    }
    return count;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    int count = Math.min(bytes.length, from.remaining());
    from.get(bytes, 0, count);
    socket.getOutputStream().write(bytes, 0, count);
    return count;
  }

  @Override
  public boolean isOpen() {
    return !socket.isClosed();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
