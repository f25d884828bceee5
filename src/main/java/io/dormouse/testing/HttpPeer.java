package io.dormouse.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.function.Supplier;
import okhttp3.Headers;

/**
 * An HTTP/1.1 server on a simulated stream, which stays open from one request to the next. Only
 * what a test needs: bodies have a {@code Content-Length}, and a request that comes before the
 * answer to the one before waits for that. What else a server may send, pieces of an event stream
 * for one, is sent by {@link PeerSocket#send}.
 *
 * <p>All of it is called where the network runs, and must not let time pass.
 */
public abstract class HttpPeer implements Peer {
  private static final String END_OF_HEAD = "\r\n\r\n";

  private final StringBuilder input = new StringBuilder(); // a character for each byte
  private boolean answering;
  private boolean hasBody; // the answer

  /** Creates one for one stream. */
  protected HttpPeer() {}

  /** A request that has come wholly. */
  public static final class Request {
    private final String method;
    private final String target;
    private final Headers headers;
    private final String body;

    Request(String method, String target, Headers headers, String body) {
      this.method = method;
      this.target = target;
      this.headers = headers;
      this.body = body;
    }

    /**
     * Returns the method.
     *
     * @return such as {@code GET}
     */
    public String method() {
      return method;
    }

    /**
     * Returns what is asked for.
     *
     * @return such as {@code /changes?since=3}
     */
    public String target() {
      return target;
    }

    /**
     * Returns the header.
     *
     * @return all fields, in order
     */
    public Headers headers() {
      return headers;
    }

    /**
     * Returns the body.
     *
     * @return read as UTF-8; empty if there is none
     */
    public String body() {
      return body;
    }
  }

  /**
   * A request has come. It is answered by {@link #answer}, now or later: {@link PeerSocket#after}.
   *
   * @param socket its stream
   * @param request what has come
   */
  protected abstract void requested(PeerSocket socket, Request request);

  /**
   * Returns servers that answer at once.
   *
   * @param status such as 200
   * @param body what each request gets
   * @return what makes one for each stream
   */
  public static Supplier<Peer> answering(int status, String body) {
    return () ->
        new HttpPeer() {
          @Override
          protected void requested(PeerSocket socket, Request request) {
            answer(socket, status, body);
          }
        };
  }

  /**
   * Answers the request that has come.
   *
   * @param socket its stream
   * @param status such as 200
   * @param body is sent as UTF-8, but for statuses and methods that have none
   */
  public final void answer(PeerSocket socket, int status, String body) {
    answer(socket, status, Headers.of(), body);
  }

  /**
   * Answers the request that has come.
   *
   * @param socket its stream
   * @param status such as 200
   * @param headers are sent besides {@code Content-Length}
   * @param body is sent as UTF-8, but for statuses and methods that have none
   */
  public final void answer(PeerSocket socket, int status, Headers headers, String body) {
    byte[] bytes = body.getBytes(UTF_8);
    boolean sends = hasBody && status != 204 && status != 304;
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " -\r\n");
    for (int i = 0; i < headers.size(); i++) { // its text would hide cookies
      head.append(headers.name(i)).append(": ").append(headers.value(i)).append("\r\n");
    }
    head.append(sends ? "Content-Length: " + bytes.length + END_OF_HEAD : "\r\n");
    socket.send(UTF_8.encode(head.toString()));
    socket.send(ByteBuffer.wrap(sends ? bytes : new byte[0]));
    answering = false;
    next(socket);
  }

  @Override
  public final void received(PeerSocket socket, ByteBuffer bytes) {
    input.append(ISO_8859_1.decode(bytes));
    next(socket);
  }

  private void next(PeerSocket socket) {
    int end = input.indexOf(END_OF_HEAD);
    if (answering || end < 0) {
      return;
    }
    String[] lines = input.substring(0, end).split("\r\n", -1);
    Headers.Builder headers = new Headers.Builder();
    for (int i = 1; i < lines.length; i++) {
      headers.add(lines[i]);
    }
    Headers all = headers.build();
    if (all.get("Transfer-Encoding") != null) {
      throw new UnsupportedOperationException("a request whose body has no Content-Length");
    }
    String length = all.get("Content-Length");
    int from = end + END_OF_HEAD.length();
    int to = from + (length == null ? 0 : Integer.parseInt(length.trim()));
    if (input.length() < to) {
      return; // the rest of the body is to come
    }
    String body = new String(input.substring(from, to).getBytes(ISO_8859_1), UTF_8);
    input.delete(0, to);
    answering = true;
    String[] first = lines[0].split(" ", -1);
    hasBody = !first[0].equals("HEAD");
    requested(socket, new Request(first[0], first[1], all, body));
  }
}
