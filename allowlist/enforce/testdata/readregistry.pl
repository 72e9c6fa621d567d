# Prints what libhivex reads of an export of the registry: a line for each value, with its key, name, type and data in hexadecimal. The
# handle that it imports into only remembers.
use strict;
use warnings;
use Win::Hivex::Regedit qw(reg_import);

package Remembers;
sub new { return bless { names => [""], parents => [-1], values => [] }, shift }
sub root { return 0 }
sub node_get_child {
    my ($self, $node, $name) = @_;
    for my $n (1 .. $#{ $self->{names} }) {
        return $n if $self->{parents}[$n] == $node && lc($self->{names}[$n]) eq lc($name);
    }
    return $self->node_add_child($node, $name); # every key is there
}
sub node_add_child {
    my ($self, $node, $name) = @_;
    push @{ $self->{names} }, $name;
    push @{ $self->{parents} }, $node;
    return $#{ $self->{names} };
}
sub node_values { return () }
sub node_set_values { my ($self, $node, $values) = @_; push @{ $self->{values} }, [$node, $_] for @$values }
sub path {
    my ($self, $node) = @_;
    return $node == 0 ? "" : $self->path($self->{parents}[$node]) . "\\" . $self->{names}[$node];
}

package main;
binmode STDOUT, ":utf8";
open my $file, "<:encoding(UTF-16)", $ARGV[0] or die "$ARGV[0]: $!";
my $text = do { local $/; <$file> };
$text =~ s/\r\n/\n/g;
open my $lines, "<:utf8", \(my $bytes = Encode::encode("UTF-8", $text)) or die $!;
my $handle = Remembers->new;
reg_import($lines, $handle);
for (@{ $handle->{values} }) {
    my ($node, $value) = @$_;
    print join("\t", $handle->path($node), $value->{key}, $value->{t}, unpack("H*", $value->{value})), "\n";
}
