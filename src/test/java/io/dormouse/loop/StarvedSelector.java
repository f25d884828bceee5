package io.dormouse.loop;

import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.LinkedHashSet;
import java.util.Set;

/** What the JDK's selector does where there is no memory: its close leaves the keys behind. */
final class StarvedSelector extends AbstractSelector {
  private final Set<SelectionKey> keys = new LinkedHashSet<>();
  private final int room;

  /**
   * Creates one.
   *
   * @param room for how many channels there is memory
   */
  StarvedSelector(int room) {
    this(room, SelectorProvider.provider());
  }

  /** The same with successors of these. */
  StarvedSelector(int room, SelectorProvider successors) {
    super(successors);
    this.room = room;
  }

  private final class Key extends AbstractSelectionKey {
    private final SelectableChannel channel;

    Key(SelectableChannel channel) {
      this.channel = channel;
    }

    @Override
    public SelectableChannel channel() {
      return channel;
    }

    @Override
    public Selector selector() {
      return StarvedSelector.this;
    }

    @Override
    public int interestOps() {
      return 0;
    }

    @Override
    public SelectionKey interestOps(int ops) {
      return this;
    }

    @Override
    public int readyOps() {
      return 0;
    }
  }

  @Override
  protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attached) {
    if (keys.size() == room) {
      throw new OutOfMemoryError("on purpose");
    }
    Key key = new Key(channel);
    key.attach(attached);
    keys.add(key);
    return key;
  }

  @Override
  public Set<SelectionKey> keys() {
    return keys;
  }

  @Override
  public Set<SelectionKey> selectedKeys() {
    return Set.of();
  }

  @Override
  public int selectNow() {
    synchronized (cancelledKeys()) {
      for (SelectionKey key : cancelledKeys()) {
        deregister((AbstractSelectionKey) key);
        keys.remove(key);
      }
      cancelledKeys().clear();
    }
    return 0;
  }

  @Override
  public int select(long timeout) {
    return selectNow();
  }

  @Override
  public int select() {
    return selectNow();
  }

  @Override
  public Selector wakeup() {
    return this;
  }

  @Override
  protected void implCloseSelector() {
    if (!keys.isEmpty()) {
      throw new OutOfMemoryError("on purpose");
    }
  }
}
