package io.dormouse.network;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has a proxy open a way to the host. Afterwards the transport is as good as one to the host: not a
 * byte of what that says has been read. Loop only. Whoever makes one closes the transport if it
 * fails, or takes too long.
 */
final class Tunnel {
  private static final int READ_AT_ONCE = 512;

  private final Transport transport;
  private final ProxyHandshake handshake;
  private final Runnable opened;
  private final Consumer<ProxyException> refused;
  private final ByteBuffer input = ByteBuffer.allocate(READ_AT_ONCE);
  private ByteBuffer output;
  private Loop.@Nullable Registration registration;
  private boolean over;

  /**
   * Creates one that says nothing yet.
   *
   * @param transport is connected to the proxy, and not watched
   * @param opened runs when the way is open; the transport is not watched for anything then
   * @param refused is told why it isn't
   */
  Tunnel(
      Transport transport,
      ProxyHandshake handshake,
      Runnable opened,
      Consumer<ProxyException> refused) {
    this.transport = transport;
    this.handshake = handshake;
    this.opened = opened;
    this.refused = refused;
    this.output = handshake.begin();
  }

  /** Begins. */
  void begin(Loop loop) {
    try {
      registration = transport.watch(loop, 0, ops -> goOn());
    } catch (IOException e) {
      broken();
      return;
    }
    goOn();
  }

  private void goOn() {
    if (over) {
      return;
    }
    try {
      while (isOutputWritten()) {
        int wanted = handshake.wanted();
        if (wanted == 0) {
          over = true;
          await(0);
          opened.run();
          return;
        }
        Buffer window = input; // as a Buffer: Android 8 has these methods only there
        window.clear();
        window.limit(Math.min(wanted, READ_AT_ONCE));
        int count = transport.read(input);
        if (count < 0) {
          throw ProxyException.failed("has ended the connection before it answered");
        } else if (count == 0) {
          await(SelectionKey.OP_READ);
          return;
        }
        window.flip();
        output = handshake.take(input);
      }
      await(SelectionKey.OP_WRITE);
    } catch (ProxyException e) {
      fail(e);
    } catch (IOException e) {
      broken();
    }
  }

  private boolean isOutputWritten() throws IOException {
    if (output.hasRemaining()) {
      int unused = transport.write(output);
    }
    return !output.hasRemaining();
  }

  private void await(int ops) {
    if (registration != null) {
      registration.interest(ops);
    }
  }

  private void broken() {
    fail(ProxyException.failed("has cut the connection before it answered"));
  }

  private void fail(ProxyException e) {
    over = true;
    refused.accept(e);
  }

  /** Says nothing more. */
  void abort() {
    over = true;
  }
}
