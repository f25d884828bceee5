package io.dormouse.http;

/**
 * What becomes of a call that is in flight when its connection is suspended, paused or closed. The
 * connection's builder says it for all calls; a tag says it for one:
 *
 * <pre>{@code
 * Request answer = new Request.Builder().url(url).tag(InFlight.class, InFlight.DRAIN).build();
 * }</pre>
 */
public enum InFlight {
  /**
   * The suspend waits for the call's end, within the registry's suspend budget. The call gets no
   * new socket any more, for a redirect to another host say; but one that an authenticator or
   * interceptor makes for it on its thread, for a fresh token say, may begin and get its socket. As
   * a tag it also holds for a {@code text/event-stream}, which is otherwise taken to have no end:
   * the answer of a language model has one. It never holds for a WebSocket.
   */
  DRAIN,

  /**
   * The suspend does not wait for the call, and cuts it off as soon as it has waited for the
   * others. As a tag it suits a long poll, whose server answers only when there is news.
   */
  CANCEL
}
